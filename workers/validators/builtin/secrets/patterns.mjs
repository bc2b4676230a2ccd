/** Secrets that can be told by their form, one row for each kind. A pattern is tied to a prefix that its issuer gives, or to a check
 *  of what it has found; none has a repetition within a repetition, so that no text makes it slow. */

/** Bits a character; a random text of base 62 has more than 4 from 24 characters on, words and placeholders have less. */
export function entropyBits(text) {
  const counts = new Map();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0);
}

const PLACEHOLDER = /example|placeholder|changeme|dummy|sample|your[-_]?|x{6}|\*{4}|\.{3}|<[^>]*>|\$\{|0{8}|1234567/i;
const isRandom = (bitsMin) => (text) => !PLACEHOLDER.test(text) && entropyBits(text) >= bitsMin;
const afterPrefix = (bitsMin) => (text) => isRandom(bitsMin)(text.slice(text.search(/[_-](?=[^_-]*$)|^/) + 1));
const isKept = (text) => !PLACEHOLDER.test(text);

function isJwt(text) {
  try {
    const header = JSON.parse(Buffer.from(text.split('.')[0], 'base64url').toString());
    return typeof header.alg === 'string' && header.alg !== 'none';
  } catch {
    return false;
  }
}

/** Not one that stands for another: `${PASSWORD}`, `password`. */
function hasPassword(text) {
  const password = text
    .slice(text.indexOf('://') + 3, -1)
    .split(':')
    .slice(1)
    .join(':');
  return (
    !PLACEHOLDER.test(password) && !/^(\$|password|passwd|pass|secret|pw|user|test|postgres|root|admin)/i.test(password)
  );
}

const deny = (id, what, pattern, check = isKept) => ({ id, what, pattern, check, decision: 'deny' });
const ask = (id, what, pattern, check = isKept) => ({ id, what, pattern, check, decision: 'ask' });

export const PATTERNS = [
  deny('aws-key-id', 'an AWS access key', /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g, isRandom(3)),
  deny('github-token', 'a GitHub token', /\bgh[pousr]_[A-Za-z0-9]{36,251}\b/g, afterPrefix(3.5)),
  deny('github-pat', 'a GitHub token', /\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b/g, afterPrefix(3.5)),
  deny('gitlab-token', 'a GitLab token', /\bglpat-[A-Za-z0-9_-]{20,64}\b/g, isRandom(3.5)),
  deny('slack-token', 'a Slack token', /\bxox[abeoprs]-\d{8,14}-[A-Za-z0-9-]{20,160}\b/g, isRandom(3)),
  deny(
    'slack-hook',
    'a Slack webhook',
    /hooks\.slack\.com\/services\/T[A-Z0-9]{8,12}\/B[A-Z0-9]{8,12}\/[A-Za-z0-9]{24}\b/g,
    isRandom(3.5),
  ),
  deny('stripe-key', 'a Stripe key', /\b[rs]k_live_[A-Za-z0-9]{24,247}\b/g, afterPrefix(3.5)),
  deny('google-key', 'a Google API key', /\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g, isRandom(3.5)),
  deny('anthropic-key', 'an Anthropic key', /\bsk-ant-[a-z]{3,6}\d\d-[A-Za-z0-9_-]{80,120}/g, isRandom(4)),
  deny(
    'openai-key',
    'an OpenAI key',
    /\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,100}T3BlbkFJ[A-Za-z0-9_-]{20,100}/g,
    isRandom(4),
  ),
  deny('npm-token', 'an npm token', /\bnpm_[A-Za-z0-9]{36}\b/g, afterPrefix(3.5)),
  deny('pypi-token', 'a PyPI token', /\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,400}/g, isRandom(4)),
  deny('huggingface-token', 'a Hugging Face token', /\bhf_[A-Za-z]{34}\b/g, afterPrefix(3.5)),
  deny('digitalocean-token', 'a DigitalOcean token', /\bdo[opr]_v1_[a-f0-9]{64}\b/g, afterPrefix(3)),
  deny('sendgrid-key', 'a SendGrid key', /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])/g, isRandom(4)),
  deny('azure-storage-key', 'an Azure storage key', /\bAccountKey=[A-Za-z0-9+/]{86}==/g, isRandom(4)),
  deny(
    'private-key',
    'a private key',
    /-----BEGIN (?:[A-Z]{2,10} )?PRIVATE KEY(?: BLOCK)?-----(?:\\n|\s)[A-Za-z0-9+/=\s\\:,.-]{64,120}/g,
    isRandom(3.5),
  ),
  ask(
    'jwt',
    'a signed token (JWT)',
    /\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20,1000}/g,
    isJwt,
  ),
  ask(
    'url-password',
    'a password in an address',
    /\b[a-z][a-z0-9+.-]{2,20}:\/\/[^\s:/@'"`]{1,100}:[^\s:/@'"`]{6,200}@/g,
    hasPassword,
  ),
  ask(
    'assigned',
    'what looks like a secret that is written out',
    /\b(?:api[_-]?key|secret(?:[_-]?key)?|access[_-]?token|auth[_-]?token|client[_-]?secret|password|passwd)["']?\s{0,4}[:=]\s{0,4}["'][A-Za-z0-9+/_=.~-]{24,200}["']/gi,
    (text) =>
      isRandom(4.2)(text.slice(text.search(/[:=]/) + 1).replace(/["'\s]/g, '')) &&
      /\d/.test(text) &&
      /[a-z]/i.test(text),
  ),
];
