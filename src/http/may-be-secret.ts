/** Keys, and tokens as JWTs begin. */
const SECRET = /tg_[a-z]{2}_|eyJ/;

/** Whether a text that a client has chosen may be, or contain, a secret that was put into the wrong place. */
export function mayBeSecret(text: string): boolean {
  return SECRET.test(text);
}
