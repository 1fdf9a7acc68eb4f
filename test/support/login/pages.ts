/** Pages of the scripted login: as few words as tell them apart, with what the real ones have in the way (fields of other ways to log in, scripts that build the page late). */
const page = (title: string, body: string) => `<!doctype html><meta charset="utf-8"><title>${title}</title><style>body{font:16px sans-serif}input{display:block;width:300px;height:30px;margin:10px}</style>${body}`;

/** OpenAI: another way to log in stands first. */
export const loginPage = () =>
  page('Log in', `<h1>Welcome back</h1><form action="/elsewhere"><input type="email" name="email" placeholder="Email address"><button>Continue</button></form>
  <form action="https://accounts.google.com/o/oauth2/v2/auth"><button>Continue with Google</button></form><button>Continue with Apple</button>`);

export const emailPage = (wrong: boolean) =>
  page('Sign in', `<h1>Sign in</h1><form method="post"><input type="email" id="identifierId" name="identifier" autocomplete="username webauthn" ${wrong ? 'aria-invalid="true"' : ''}>
  ${wrong ? '<div>Couldn’t find your Google Account</div>' : ''}<input type="password" name="hidden" style="visibility:hidden"><button>Next</button></form>`);

/** Built by a script, some time after it came. */
export const passwordPage = (wrong: boolean) =>
  page('Sign in', `<h1>Welcome</h1><div id="root"></div><script>setTimeout(() => {
    document.getElementById('root').innerHTML = '<form method="post"><input type="password" name="Passwd" ${wrong ? 'aria-invalid="true"' : ''}>${wrong ? '<div>Wrong password. Try again or click Forgot password to reset it.</div>' : ''}<button>Next</button></form>';
  }, 200);</script>`);

export const chooserPage = (email: string) =>
  page('Choose an account', `<h1>Choose an account</h1><ul><li role="link" tabindex="0" data-identifier="${email}" onclick="location='/v3/signin/challenge/pwd?id=' + encodeURIComponent('${email}')">Me ${email}</li><li role="link" onclick="location='/v3/signin/identifier'">Use another account</li></ul>`);

/** Asks whether the person has tapped, like Google's does. */
export const phonePage = () => page('2-Step Verification', "<h1>Check your phone</h1><p>Tap Yes on your phone to verify it’s you</p><script>setTimeout(() => location.reload(), 500)</script>");

export const oauthPage = (email: string) => page('Sign in', `<h1>You’re signing back in to OpenAI</h1><p>${email}</p><form method="post"><button type="button">Cancel</button><button>Continue</button></form>`);

/** What nobody described: it shows the secret in fields of several kinds, or as text. */
export const surprisePage = (how: 'fields' | 'text', secret: string) =>
  page('News', how === 'text' ? `<h1>Is ${secret} your password?</h1>` : `<h1>Protect your account</h1><input value="${secret}"><textarea>${secret}</textarea><iframe srcdoc="<input value='${secret}'>"></iframe>`);

export const consentPage = (action: string) => page('Codex', `<h1>Sign in to Codex with ChatGPT</h1><form method="post" action="${action}"><button type="button">Cancel</button><button>Continue</button></form>`);

export const devicePage = () => page('Device', '<h1>Enter the code</h1><form method="post"><input name="code" autocomplete="one-time-code"><button>Continue</button></form>');

export const donePage = () => page('Device', '<h1>Signed in to Codex</h1><p>You can close this page.</p>');
