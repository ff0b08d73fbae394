/**
 * What the binding page does. Addresses are relative, so that it works below a path prefix too; tokens live in a
 * variable and nowhere else, and the code leaves the address bar as soon as it is read.
 */
export const BIND_SCRIPT = `
'use strict';
const SAID = {
  authentication_failed: 'The e-mail address or the password is wrong.',
  email_taken: 'There is an account with this e-mail address: choose “I have one”.',
  rate_limited: 'Too many tries. Wait a while, then try again.',
  'claim.not-found': 'No hub shows this code now. Look at the glass: it may show a new one.',
};
const find = (selector) => document.querySelector(selector);
let session;
let claim;
let code = takeCode();

function takeCode() {
  const given = new URLSearchParams(location.hash.slice(1)).get('code') || '';
  if (location.hash) history.replaceState(null, '', location.pathname);
  return given;
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
  find('#code').querySelector('input').value = code;
  show('code');
  if (code) await lookUp();
}

async function lookUp() {
  claim = await post('api/v1/claims', { code: find('#code').querySelector('input').value });
  find('[data-word]').textContent = claim.word;
  find('[data-model]').textContent = claim.model;
  find('[data-last-four]').textContent = claim.hwIdLast4;
  show('compare');
}

async function confirmClaim() {
  const bound = await post('api/v1/claims/' + claim.claimId + '/confirm');
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
find('[data-no]').addEventListener('click', () => {
  claim = undefined;
  show('code');
  tell('Nothing was changed. Type the code that stands on the glass before you.');
});
window.addEventListener('hashchange', () => {
  code = takeCode() || code;
  find('#code').querySelector('input').value = code;
});
chooseWay();
show('who');
`;
