// Indicators in prose: written so that no mail client, chat or terminal turns them into a link.

const URL_START = /\b([a-z][a-z0-9+.-]{0,15}):\/\/([^\s/?#"'<>\\]{0,255})/gi;
const IPV4 = /(?<![\w.])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?![\w]|\.\d)/g;
const IPV6 = /(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi;

/** URLs, IPv4 and IPv6 addresses in `text` defanged: `hxxp[://]evil[.]example/x`, `203[.]0[.]113[.]9`. */
export function defang(text: string): string {
  return text
    .replace(URL_START, (_, scheme: string, host: string) => {
      return `${scheme.replace(/^http/i, 'hxxp')}[://]${host.replaceAll('.', '[.]')}`;
    })
    .replace(IPV4, '$1[.]$2[.]$3[.]$4')
    .replace(IPV6, (address) => (isIpv6(address) ? address.replaceAll(':', '[:]') : address));
}

/** A bare host name, address or URL defanged, whatever it is. */
export function defangIndicator(indicator: string): string {
  const defanged = defang(indicator);
  return defanged === indicator ? indicator.replaceAll('.', '[.]') : defanged;
}

/** Tells an address from a time of day or a MAC address: it has `::` or all eight groups. */
function isIpv6(text: string): boolean {
  return /[0-9a-f]/i.test(text) && (text.includes('::') || text.split(':').length === 8);
}
