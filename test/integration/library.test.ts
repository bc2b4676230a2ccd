/** Programs that ask validators themselves, against a daemon with real ones. */
import { chmodSync, readFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { encodeFrame, JsonFrames } from '../../supervisor/contract/json-frame.js';
import { FrameKind } from '../../supervisor/contract/wire.js';
import type { Library } from '../../supervisor/library/client.js';
import { bash, configureValidators, kindsOf, LibraryDaemon } from '../lib/library.js';
import { waitFor } from '../lib/wait.js';

const SIGKILL = 'SIGKILL';

describe('a daemon with validators', () => {
  let served: LibraryDaemon;
  let library: Library;
  beforeAll(() => {
    served = LibraryDaemon.start();
    library = served.connect();
  });
  afterAll(async () => {
    library.close();
    expect(await served.daemon.stop(), 'left behind').toEqual([]);
  });

  test('tells the merged verdict, and what each validator has said', async () => {
    expect(await library.submit(bash('rm -r /'))).toMatchObject({
      ...{ kind: 'decided', decision: 'deny', reason: 'not that', notes: expect.any(Array) },
      validators: [{ name: 'js', outcome: { kind: 'answered' } }, { name: 'py' }],
    });
    expect(await library.submit(bash('python?'))).toEqual({
      ...{ kind: 'decided', decision: 'ask', reason: 'by python', contexts: ['js'], notes: [] },
      validators: [
        { name: 'js', outcome: { kind: 'answered', verdict: { context: 'js' } } },
        { name: 'py', outcome: { kind: 'answered', verdict: { decision: 'ask', reason: 'by python' } } },
      ],
    });
  });

  test('a validator that fails is told as failed, and one that nobody knows as unknown', async () => {
    const failed = await library.submit(bash('throw'), { validators: ['js'] });
    expect(failed).toMatchObject({ kind: 'decided', validators: [{ name: 'js', outcome: { cause: 'threw' } }] });
    expect(failed).not.toHaveProperty('decision');
    expect(await library.submit(bash('ls'), { validators: ['nobody'] })).toMatchObject({
      ...{ kind: 'refused', code: 'unknownValidator', remedy: 'there are: js, py' },
    });
  });

  test('an event that nobody can read is refused, others of the batch are answered', async () => {
    const outcomes = await library.submitBatch([{ event: bash('ls') }, { event: {} }, { event: bash('rm') }]);
    expect(kindsOf(outcomes)).toEqual(['decided', 'refused: badEvent', 'decided']);
  });

  test('a batch of a thousand has its outcomes in order', async () => {
    const items = Array.from({ length: 1000 }, (_, n) => ({
      event: bash(n % 3 === 0 ? 'rm' : 'ls'),
      priority: 'low' as const,
    }));
    const outcomes = await library.submitBatch(items);
    expect(outcomes.map((one) => one.kind === 'decided' && one.decision === 'deny')).toEqual(
      items.map((_, n) => n % 3 === 0),
    );
  });

  test('answers that do not fit into one frame are refused, and the connection goes on', async () => {
    const items = Array.from({ length: 30 }, () => ({ event: bash('large') }));
    expect(new Set(kindsOf(await library.submitBatch(items)))).toEqual(new Set(['refused: tooLarge']));
    expect((await library.submit(bash('ls'))).kind).toBe('decided');
  });

  test('a deadline of its own ends the wait', async () => {
    expect(await library.submit(bash('wait'), { timeoutMs: 100 })).toMatchObject({
      ...{ kind: 'decided', validators: [{ outcome: { cause: 'timedOut' } }, { name: 'py' }] },
    });
  }, 10_000);

  test('who aborts, or hangs up, leaves nothing in flight', async () => {
    const stop = new AbortController();
    const aborted = library.submit(bash('wait'), { signal: stop.signal });
    const other = served.connect();
    const closed = other.submit(bash('wait'));
    await waitFor('both', async () => (await served.inFlight()) === 2 || undefined);
    stop.abort();
    expect(await aborted).toEqual({ kind: 'aborted' });
    await waitFor('the end of one', async () => (await served.inFlight()) === 1 || undefined);
    other.close();
    expect(kindsOf([await closed, await other.submit(bash('ls'))])).toEqual([
      'unavailable: closed',
      'unavailable: closed',
    ]);
    await waitFor('the end of all', async () => (await served.inFlight()) === 0 || undefined);
  });

  test('a program that reads none of its answers is cut off, and others are served meanwhile', async () => {
    const socket = connectSocket(served.socketPath);
    socket.on('error', () => {});
    socket.pause();
    const asks = Array.from({ length: 9 }, () => ({ event: bash('large') }));
    for (let id = 1; id <= 8; id++) {
      socket.write(encodeFrame(FrameKind.CONTROL_REQUEST, JSON.stringify({ id, asks })));
    }
    const connections = async () => (await served.daemon.status()).library.connections;
    await waitFor('it to be connected', async () => (await connections()) === 2 || undefined);
    await waitFor('it to be cut off', async () => (await connections()) === 1 || undefined, 20_000);
    expect((await library.submit(bash('ls'))).kind).toBe('decided');
    socket.destroy();
  });

  test.each([
    ['no JSON', '{'],
    ['no id', '{"asks":[]}'],
    ['an id that is used twice', '{"id":7,"asks":[{"event":{}}]}'],
  ])('a request with %s ends the connection with a reason, and nobody else’s', async (_name, text) => {
    const socket = connectSocket(served.socketPath);
    const frames = new JsonFrames(FrameKind.CONTROL_REPLY);
    const wait = { id: 7, asks: [{ event: bash('wait') }] };
    socket.write(encodeFrame(FrameKind.CONTROL_REQUEST, JSON.stringify(wait)));
    socket.write(encodeFrame(FrameKind.CONTROL_REQUEST, text));
    await new Promise<void>((done) => socket.on('data', (piece) => frames.push(piece)).on('close', () => done()));
    expect(frames.next()).toMatchObject({ value: { id: 0, error: { code: 'badRequest' } } });
    expect(frames.next()).toEqual({ kind: 'more' });
    await waitFor('the end of what it asked', async () => (await served.inFlight()) === 0 || undefined);
    expect((await library.submit(bash('ls'))).kind).toBe('decided');
  });

  test('what is in flight at a reload is answered, and what comes after it by the new configuration', async () => {
    const slow = library.submit(bash('slow'));
    await waitFor('it', async () => (await served.inFlight()) === 1 || undefined);
    configureValidators(served.daemon.home, { matcher: 'Read' });
    expect((await served.daemon.home.supervisorLater(['reload'])).code).toBe(0);
    expect(await slow).toMatchObject({ kind: 'decided', validators: [{ outcome: { kind: 'answered' } }, {}] });
    expect(await library.submit(bash('rm'))).toEqual({ kind: 'decided', contexts: [], notes: [], validators: [] });
  });
});

describe('a daemon of its own', () => {
  let served: LibraryDaemon;
  let library: Library;
  afterEach(async () => {
    library.close();
    expect(await served.daemon.stop(), 'left behind').toEqual([]);
  });

  test('that is replaced answers what it has taken, and the next one what comes after', async () => {
    served = LibraryDaemon.start();
    library = served.connect();
    const slow = library.submit(bash('slow'));
    await waitFor('it', async () => (await served.inFlight()) === 1 || undefined);
    const restarted = served.daemon.home.supervisorLater(['restart']);
    const outcomes = [];
    for (let isOver = false; !isOver; ) {
      const ended = restarted.then(() => true);
      outcomes.push(await library.submit(bash('rm')));
      isOver = await Promise.race([ended, new Promise<false>((done) => setTimeout(done, 20, false))]);
    }
    outcomes.push(await slow, await library.submit(bash('rm')));
    expect((await restarted).code).toBe(0);
    expect(new Set(kindsOf(outcomes))).toEqual(new Set(['decided']));
    expect((await served.daemon.status()).library.connections).toBe(1);
  });

  test('that is killed is told as lost or absent, and its successor is found by the same library', async () => {
    served = LibraryDaemon.start();
    const { home } = served.daemon;
    library = served.connect();
    const lost = library.submit(bash('wait'));
    await waitFor('it', async () => (await served.inFlight()) === 1 || undefined);
    process.kill((await served.daemon.status()).pid, SIGKILL);
    expect(await lost).toMatchObject({ kind: 'unavailable', code: 'lost' });
    // Its listening socket closes after its connections, and until then takes one more that is lost as well.
    const listening = () => readFileSync('/proc/net/unix', 'latin1').includes(home.runtimeFolder);
    await waitFor('the end of its sockets', () => !listening() || undefined);
    expect(await library.submit(bash('rm'))).toMatchObject({ kind: 'unavailable', code: 'absent' });
    expect(home.supervisor(['up', '-d']).status).toBe(0);
    expect(await library.submit(bash('rm'))).toMatchObject({ kind: 'decided', decision: 'deny' });
  });

  test('that is stopped says so', async () => {
    served = LibraryDaemon.start();
    library = served.connect();
    const waiting = library.submit(bash('wait'));
    await waitFor('it', async () => (await served.inFlight()) === 1 || undefined);
    expect((await served.daemon.home.supervisorLater(['down'])).code).toBe(0);
    expect(await waiting).toMatchObject({ kind: 'unavailable', code: 'stopping' });
    expect(served.daemon.home.supervisor(['up', '-d']).status).toBe(0);
  });

  test('is not believed in a folder that others can enter', async () => {
    served = LibraryDaemon.start();
    library = served.connect();
    chmodSync(served.daemon.home.runtimeFolder, 0o755);
    expect(await library.submit(bash('rm'))).toMatchObject({
      ...{ kind: 'unavailable', code: 'absent', message: expect.stringContaining('mode 0755') },
    });
    chmodSync(served.daemon.home.runtimeFolder, 0o700);
  });
});
