// How text from a capture is made safe, for conditions and outputs alike. The release 0.44.1 replaces control
// characters and non-characters besides invalid UTF-8 (the development head: invalid UTF-8 only). We follow the
// release, which the recorded alerts come from.

/** The one switch: `false` gives the development head's strings. */
const REPLACES_CONTROL_CHARACTERS: boolean = true;

const CONTROL =
  /[\u0000-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffe\uffff]|[\ud83f\ud87f\ud8bf\ud8ff\ud93f\ud97f\ud9bf\ud9ff\uda3f\uda7f\udabf\udaff\udb3f\udb7f\udbbf\udbff][\udffe\udfff]/g;
/** Most strings have nothing to replace. */
const MAY_NEED_IT = /[^\u0020-\u007e]/;

/** Replaces each control character, C1 control and non-character by U+FFFD. Invalid UTF-8 became that when decoded. */
export function sanitise(text: string): string {
  if (!REPLACES_CONTROL_CHARACTERS || !MAY_NEED_IT.test(text)) return text;
  return text.replace(CONTROL, '\ufffd');
}
