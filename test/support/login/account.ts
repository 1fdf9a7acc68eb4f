/** An account of the scripted Google, and how its login goes. */
export type GoogleAccount = {
  email: string;
  password: string;
  /** Google asks for a tap on the phone; the test taps with `site.tap`. */
  phone?: boolean;
  /** A page that cockpit does not know comes after the password: with fields that show what was typed, or with the password in its text. */
  surprise?: 'fields' | 'text';
  /** Who Google logs in, if it is somebody else. */
  becomes?: string;
};

/** Parameters of a login that is under way. */
export type Transaction = { redirect: string; state: string; deviceCode: string | null };
