import assert from 'node:assert/strict';
import { withoutSecrets } from '../../../adapters/telemetry/secrets.ts';

describe('a text without secrets', () => {
  const TEXTS: Readonly<Record<string, string>> = {
    'https://a.blob.core.windows.net/models/x?sv=1&sig=abc%2Fdef&se=2 is forbidden': 'https://a.blob.core.windows.net/models/x?… is forbidden',
    'AccountName=a;AccountKey=abc+/==;EndpointSuffix=x': 'AccountName=a;AccountKey=…;EndpointSuffix=x',
    'authorization: Bearer eyJhbGciOi.abc-_': 'authorization: Bearer …',
    'Authorization: SharedKey venues:Zm9vYmFyYmF6/+==': 'Authorization: SharedKey venues:…',
    'pushing to https://ada:secret@registry.example/acme': 'pushing to https://…@registry.example/acme',
    'client_secret=abc&grant_type=x': 'client_secret=…&grant_type=x',
  };

  for (const [text, expected] of Object.entries(TEXTS)) {
    it(`says "${expected}"`, () => {
      assert.equal(withoutSecrets(text), expected);
    });
  }

  it('says everything else as it is', () => {
    const text = 'Version 3 holds no model.onnx: register another (50 % of 12 images) at http://127.0.0.1:8080/models.';
    assert.equal(withoutSecrets(text), text);
  });
});
