// The pool's password policy, as rules that can be ticked off while a person types.

/** What Cognito asks for unless a pool says otherwise. */
export const DEFAULT_POLICY = {
  minimumLength: 8,
  lowercase: true,
  uppercase: true,
  numbers: true,
  symbols: true,
};

// The characters that Cognito counts as symbols; a space counts inside a password only.
const SYMBOLS = /[$^*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]|(?<=.) (?=.)/;

const RULES = {
  lowercase: (password) => /[a-z]/.test(password),
  uppercase: (password) => /[A-Z]/.test(password),
  numbers: (password) => /[0-9]/.test(password),
  symbols: (password) => SYMBOLS.test(password),
};

/** The policy's rules, each with whether the password keeps it: `{ name, met, length? }`. */
export function checkPassword(password, policy) {
  const long = { name: "minimumLength", met: password.length >= policy.minimumLength };
  const others = Object.entries(RULES).filter(([name]) => policy[name]);
  return [
    { ...long, length: policy.minimumLength },
    ...others.map(([name, isMet]) => ({ name, met: isMet(password) })),
  ];
}

/** What is on every list of passwords, and what keyboards and alphabets have in a row. */
const KNOWN = /pass(word|wort)?|qwert[yz]?|asdf|admin|welcome|letmein|login|secret|abc|[0-9]{4}|(.)\2+/g;

/** `"weak"`, `"fair"` or `"strong"`: a guess, by how many characters are not to be expected. */
export function strengthOf(password) {
  const kinds = [
    [/[a-z]/, 26],
    [/[A-Z]/, 26],
    [/[0-9]/, 10],
    [/[^a-zA-Z0-9]/, 33],
  ];
  const alphabet = kinds.reduce((sum, [kind, size]) => sum + (kind.test(password) ? size : 0), 0);
  // Each of those counts as one.
  const { length } = password.toLowerCase().replace(KNOWN, "x");
  const bits = length * Math.log2(Math.max(alphabet, 2));
  if (bits < 50) return "weak";
  return bits < 70 ? "fair" : "strong";
}
