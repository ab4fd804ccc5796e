// The page's Content-Security-Policy asks for Trusted Types: markup and script addresses get into the page through this
// one policy, from the two places that call it. Its inputs are the service's own report renderer and the build.

interface TrustedPolicy {
  createHTML(text: string): string;
  createScriptURL(text: string): string;
}
interface TrustedTypes {
  createPolicy(name: string, rules: TrustedPolicy): TrustedPolicy;
}

const asIs: TrustedPolicy = { createHTML: (text) => text, createScriptURL: (text) => text };

/** Browsers without Trusted Types take plain strings. */
export const trusted: TrustedPolicy =
  (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('yarak', asIs) ?? asIs;
