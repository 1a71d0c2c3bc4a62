export interface Rule {
  text: string;
  kept: boolean;
}

/** The server's rules for passwords, each with whether `password` keeps it. */
export function passwordRules(password: string): Rule[] {
  return [
    { text: "8 to 128 characters", kept: password.length >= 8 && password.length <= 128 },
    { text: "upper and lower case", kept: /\p{Lu}/u.test(password) && /\p{Ll}/u.test(password) },
    { text: "a digit", kept: /\d/.test(password) },
    { text: "one of ! @ # $ % ^ & *", kept: /[!@#$%^&*]/.test(password) },
  ];
}

/**
 * How long it would hold out, from 0 (not allowed) to 4.
 *
 * Counts kinds of characters and length, and takes repetition off: an estimate to encourage, not
 * a promise. What everybody tries first, the server knows and refuses.
 */
export function strengthOf(password: string): 0 | 1 | 2 | 3 | 4 {
  if (!passwordRules(password).every((rule) => rule.kept)) return 0;
  const different = new Set(password.toLowerCase()).size;
  if (different < 6) return 1;
  if (different >= 12 && password.length >= 16) return 4;
  return different >= 9 && password.length >= 12 ? 3 : 2;
}
