import { z } from 'zod';

/** What a page of a login shows, as far as it decides what comes next. It holds no value of any field. */
export const pageLook = z.object({
  /** `https:`. */
  protocol: z.string(),
  host: z.string(),
  path: z.string(),
  title: z.string(),
  /** The start of its visible text, in one line. */
  text: z.string(),
  /** Visible fields that take an e-mail address, a password, anything else. */
  fields: z.object({ email: z.boolean(), password: z.boolean(), other: z.boolean() }),
  /** A field says that what is in it is wrong. */
  invalid: z.boolean(),
  /** Texts of visible buttons and links. */
  buttons: z.array(z.string()),
  /** Accounts that a chooser offers. */
  choices: z.array(z.string()),
});
export type PageLook = z.output<typeof pageLook>;

/** Reads a `PageLook`; runs in the page, which has another world of types. */
export const readLook = `(() => {
  const seen = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && node.getBoundingClientRect().width > 1;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);
  const line = (text) => (text ?? '').replace(/\\s+/g, ' ').trim();
  const inputs = all('input, textarea').filter((node) => !['hidden', 'submit', 'button', 'checkbox', 'radio'].includes(node.type) && !node.disabled);
  const isEmail = (node) => node.type === 'email' || /^(username|email)/.test(node.autocomplete ?? '') || node.id === 'identifierId';
  return {
    protocol: location.protocol,
    host: location.host,
    path: location.pathname,
    title: document.title,
    text: line(document.body?.innerText).slice(0, 3000),
    fields: {
      email: inputs.some((node) => node.type !== 'password' && isEmail(node)),
      password: inputs.some((node) => node.type === 'password'),
      other: inputs.some((node) => node.type !== 'password' && !isEmail(node)),
    },
    invalid: inputs.some((node) => node.getAttribute('aria-invalid') === 'true'),
    buttons: all('button, a, [role=button], [role=link], input[type=submit]').map((node) => line(node.innerText || node.value)).filter((text) => text !== ''),
    choices: all('[data-identifier]').map((node) => node.getAttribute('data-identifier') ?? ''),
  };
})()`;
