// Telling files apart by what they hold.

/** Whether a text has an item of a rule file, at the dash of one. */
export function looksLikeRules(text: string): boolean {
  return /^ *- +["']?(?:rule|macro|list|required_engine_version|required_plugin_versions)["']? *:/m.test(
    text,
  );
}

/** Whether a text is a configuration of Falco, or tests of rules: they name rules. */
export function looksLikeConfig(text: string): boolean {
  return /^(?:rules_files?|append_output|tests) *:/m.test(text);
}
