"""The zygote: a warm interpreter that forks parked processes on its keeper's request.

It runs on one thread, never runs user code, and keeps all it imports out of the sight of its children. Each FORK is a
fork by a process that exits at once, so that the parked process is adopted by the keeper, its subreaper.
"""
import os
import sys

POOL_BYTES = 16384 if sys.version_info >= (3, 10) else 4096  # of the interpreter's allocator
EXIT_UNSUPPORTED = 78  # the pool uses exec instead
kept = []  # for good: to release it, object by object, would be a part of every answer
EXIT_STALE = 75  # the installation changed: start a new zygote


def load_frames(directory):
    """The extension module, loaded without an entry in sys.modules."""
    import _imp

    spec = type(sys.implementation)(name="hs_frames", origin=directory + "/hs_frames.so")
    frames = _imp.create_dynamic(spec)
    _imp.exec_dynamic(frames)
    return frames


def start(directory, main_names, modules_at_start, boot_frame):
    """Never returns in the zygote; what serve() returns in a child is the hook's main."""
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        del sys.path[0]
    reason = load("support").refusal()
    try:
        frames = None if reason else load_frames(directory)
    except ImportError as error:
        reason = "hs_frames: %s" % error
    if reason is None:
        reason = load("start_state").problem(frames)
    if reason is not None:
        sys.stderr.write("python zygote: cannot serve this interpreter: %s\n" % reason)
        sys.stderr.flush()
        os._exit(EXIT_UNSUPPORTED)

    def serve_here():
        return serve(frames, main_names, modules_at_start)

    frames.run(serve_here, boot_frame)


def serve(frames, main_names, modules_at_start):
    """Answers FORK messages until the keeper closes its end. Returns only in a parked process that got its order."""
    modules = load("modules")
    start = load("start_state").StartState(frames, main_names)
    frames.set_dumpable(0)  # it holds the state of every child to come
    modules.prepare(frames, modules_at_start, sys.argv[3:])
    visible = set(sys.modules)
    wire, park, learning, scout = load("wire"), load("park"), load("learning"), load("scout")
    start.watch(frames, [stamp for _, stamp in modules.files.values()])
    start.note_inherited()
    load("run").note_learned(frames, start)
    load("streams").install_for_pipes(start.streams)
    modules.hide_again(visible)  # what these parts imported for themselves
    load("ending").note_modules(frames)
    load("ending").remember(frames)
    kept.append((start, visible, modules_at_start))
    learner = learning.Learner(frames, start, POOL_BYTES, sys.argv[2:])
    gc = modules.module_at("gc")
    for _ in range(park.TIMES_BEFORE_FORKS):
        park.warm_up(frames, start)
    gc.collect()
    frames.fill_holes(POOL_BYTES)
    gc.freeze()
    pages, job = scout.explore(frames, start)
    if job is not None:
        return job
    wire.tell_warm()
    while True:
        if not learner.wait_for_request():
            pages, job = scout.explore(frames, start)
            if job is not None:
                return job
            continue
        if not frames.receive_request():
            os._exit(0)
        if not frames.unchanged(start.stamps):
            os._exit(EXIT_STALE)
        if frames.fork_away():
            return park.wait_for_job(frames, start, learner.writer, pages)
