/** What precedes a secret in the words of Azure's and other libraries. */
const SECRETS: readonly RegExp[] = [
  /** The signature of a shared access signature, and whatever else a query carries. */
  /(?<=https?:\/\/[^\s?#'"]*\?)[^\s'"]+/gi,
  /(?<=\b(?:sig|AccountKey|SharedAccessSignature|password|token|client_secret)=)[^\s;&'"]+/gi,
  /(?<=\b(?:Bearer|Basic|SharedKey(?: \w+:)?) ?)[\w+/=.~-]{8,}/gi,
  /(?<=:\/\/)[^\s/@'"]+(?=@)/g,
];

/** The text with every value that looks like a secret, and the queries of URLs, left out. */
export function withoutSecrets(text: string): string {
  return SECRETS.reduce((rest, secret) => rest.replace(secret, '…'), text);
}
