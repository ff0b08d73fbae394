/**
 * What the binding page does. Addresses are relative, so that it works below a path prefix too; tokens live in a
 * variable and nowhere else, and what the address carries leaves the address bar as soon as it is read: a code of the
 * glass, the handle of a name plate, the proof of a tag, or the receipt of a hub that was bound at home.
 */
export const BIND_SCRIPT = `
'use strict';
const SAID = {
  authentication_failed: 'The e-mail address or the password is wrong.',
  email_taken: 'There is an account with this e-mail address: choose “I have one”.',
  rate_limited: 'Too many tries. Wait a while, then try again.',
  slow_down: 'Too fast. Wait a few seconds, then try again.',
  'claim.not-found': 'No hub shows this code now. Look at the glass: it may show a new one.',
  'sun.malformed': 'This is no tag of ours. Type the code on the glass instead.',
  'sun.wrong-mac': 'This is no tag of ours. Type the code on the glass instead.',
  'sun.unknown-tag': 'No hub has this tag. Type the code on the glass instead.',
  'sun.replayed': 'This link was used before. Hold your phone to the tag once more, or type the code on the glass.',
  'binding.unknown-receipt': 'The hub has not told of it yet. When it is online again, try once more in a minute.',
  'binding.vetoed': 'The hub is not held by this receipt any more. Look at its glass.',
};
const TAPPED = 'If this hub is nobody’s yet and is switched on, its glass shows a code in a moment. It is good for ten minutes.';
const find = (selector) => document.querySelector(selector);
let session;
let claim;
let came = readAddress();

function readAddress() {
  const behind = location.hash.slice(1);
  const given = new URLSearchParams(behind);
  const query = new URLSearchParams(location.search);
  if (location.hash || location.search) history.replaceState(null, '', location.pathname);
  return {
    code: given.get('code') || '',
    receipt: given.get('receipt') || '',
    handle: /^[a-z2-7]{16}$/.test(behind) ? behind : '',
    proof: query.has('picc_data') ? { piccData: query.get('picc_data'), cmac: query.get('cmac') || '' } : undefined,
  };
}

function show(id) {
  for (const section of document.querySelectorAll('main section[id]')) section.hidden = section.id !== id;
  tell('');
  find('#' + id + ' h1').focus();
}

function tell(problem) {
  const place = find('#problem');
  place.className = problem ? 'notice' : '';
  place.textContent = problem;
}

async function post(path, body) {
  const headers = { accept: 'application/json' };
  if (body) headers['content-type'] = 'application/json';
  if (session) headers.authorization = 'Bearer ' + session.accessToken;
  let reply;
  try {
    reply = await fetch(path, { method: 'POST', headers, body: body && JSON.stringify(body), cache: 'no-store' });
  } catch {
    throw new Error('The cloud does not answer. Try again.');
  }
  if (reply.ok) return reply.status === 204 ? undefined : reply.json();
  const { error } = await reply.json().catch(() => ({ error: { code: '', message: 'The cloud has a fault. Try again.' } }));
  const problem = new Error(SAID[error.code] || error.message);
  problem.code = error.code;
  throw problem;
}

/** Runs one step with its buttons held, and says what went wrong. */
async function step(section, work) {
  const buttons = section.querySelectorAll('button');
  for (const button of buttons) button.disabled = true;
  section.setAttribute('aria-busy', 'true');
  try {
    await work();
  } catch (problem) {
    if (session && problem.code === 'authentication_failed') {
      session = undefined;
      show('who');
      tell('You were logged out meanwhile. Log in again.');
    } else tell(problem.message);
  } finally {
    for (const button of buttons) button.disabled = false;
    section.removeAttribute('aria-busy');
  }
}

async function enter(form) {
  const way = form.elements.way.value;
  const { email, password, householdName } = form.elements;
  const body = { email: email.value.trim(), password: password.value };
  if (way === 'sign-up') body.householdName = householdName.value;
  session = await post('auth/' + way, body);
  password.value = '';
  find('#code input').value = came.code;
  await begin();
}

async function begin() {
  if (came.receipt) return takeUp();
  show('code');
  if (came.proof) return prove();
  if (came.handle) return tap();
  if (came.code) return lookUp();
}

/** The receipt stays where it is until it is taken: the hub may have to come back first. */
async function takeUp() {
  show('receipt');
  await finish(await post('api/v1/claims/receipt', { receipt: came.receipt }));
  came.receipt = '';
}

async function tap() {
  await post('api/v1/claims/tap', { handle: came.handle });
  find('[data-hint]').textContent = TAPPED;
  find('#code input').focus();
}

/** A proof is good once. */
async function prove() {
  const { proof } = came;
  came.proof = undefined;
  compare(await post('api/v1/claims/sun', proof));
}

async function lookUp() {
  compare(await post('api/v1/claims', { code: find('#code input').value }));
}

function compare(found) {
  claim = found;
  find('[data-word]').textContent = claim.word;
  find('[data-model]').textContent = claim.model;
  find('[data-last-four]').textContent = claim.hwIdLast4;
  find('[data-asks]').textContent = session.household.name;
  show('compare');
}

async function confirmClaim() {
  await finish(await post('api/v1/claims/' + claim.claimId + '/confirm'));
}

async function declineClaim() {
  const { claimId } = claim;
  claim = undefined;
  came.code = '';
  find('#code input').value = '';
  await post('api/v1/claims/' + claimId + '/decline').catch(() => undefined);
  show('code');
  tell('Nothing was changed. The glass shows a new code in a moment: type the one on the glass before you.');
}

async function finish(bound) {
  const household = session.household.name;
  const list = find('[data-displays]');
  list.replaceChildren(...bound.displays.map(({ name, panel }) => {
    const item = document.createElement('li');
    item.textContent = name + ' (' + panel + ')';
    return item;
  }));
  find('[data-told]').textContent = bound.displays.length === 0
    ? 'The hub belongs to ' + household + ' now. It has no display yet.'
    : 'These displays belong to ' + household + ' now:';
  show('done');
  const { refreshToken } = session;
  session = undefined;
  await post('auth/log-out', { refreshToken }).catch(() => undefined);
}

function chooseWay() {
  const form = find('#who form');
  const isNew = form.elements.way.value === 'sign-up';
  for (const part of form.querySelectorAll('[data-new]')) part.hidden = !isNew;
  form.elements.householdName.disabled = !isNew;
  form.elements.password.autocomplete = isNew ? 'new-password' : 'current-password';
  form.elements.password.minLength = isNew ? 10 : 0;
}

find('#who form').addEventListener('change', chooseWay);
find('#who form').addEventListener('submit', (event) => {
  event.preventDefault();
  step(find('#who'), () => enter(event.target));
});
find('#code form').addEventListener('submit', (event) => {
  event.preventDefault();
  step(find('#code'), lookUp);
});
find('[data-yes]').addEventListener('click', () => step(find('#compare'), confirmClaim));
find('[data-no]').addEventListener('click', () => step(find('#compare'), declineClaim));
find('[data-again]').addEventListener('click', () => step(find('#receipt'), takeUp));
window.addEventListener('hashchange', () => {
  came = { ...came, ...Object.fromEntries(Object.entries(readAddress()).filter(([, value]) => value)) };
  find('#code input').value = came.code;
});
chooseWay();
show('who');
`;
