import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { shorten, toAttribute, toCode, toCommands, toLines, toLink, toMarkdownTable, toText } from '../../../cli/report/markdown.ts';

describe('Markdown from text that is not ours', () => {
  it('shows text as it is, whatever it means to Markdown', () => {
    assert.equal(toText('a|b `c` *d* _e_ [f](g) ~h~ $i$'), 'a\\|b \\`c\\` \\*d\\* \\_e\\_ \\[f\\](g) \\~h\\~ \\$i\\$');
    assert.equal(toText('<script> & "x"'), '&lt;script&gt; &amp; "x"');
    assert.equal(toText('back\\slash'), 'back\\\\slash');
  });

  it('keeps a line from beginning a list or a heading, and figures as they are', () => {
    assert.equal(toText('- item'), '\\- item');
    assert.equal(toText('1. item'), '1&#8203;. item');
    assert.equal(toText('# title'), '\\# title');
    assert.equal(toText('79.2 % right'), '79.2 % right');
  });

  it('calls nobody, and lists itself on no other issue', () => {
    assert.equal(toText('@acme/all see #12'), '@&#8203;acme/all see \\#&#8203;12');
  });

  it('makes one line of many, or keeps them', () => {
    assert.equal(toText('a\r\n  b\n::error::c'), 'a b ::error::c');
    assert.equal(toLines('a\n\n  |b'), 'a<br>\\|b');
  });

  it('quotes code that holds backticks, and pipes', () => {
    assert.equal(toCode('a'), '`a`');
    assert.equal(toCode('a`b``c'), '``` a`b``c ```');
    assert.equal(toCode('a|b'), '`a\\|b`');
  });

  it('links only to what a browser opens, in one piece', () => {
    assert.equal(toLink('x', 'https://a.example/b(c)|d e'), '[x](https://a.example/b%28c%29%7Cd%20e)');
    assert.equal(toLink('x', 'javascript:alert(1)'), 'x');
    assert.equal(toLink('x', 'no address'), 'x');
  });

  it('writes tables, commands and attributes', () => {
    assert.equal(toMarkdownTable([['a', 'left'], ['b', 'right'], ['c', 'centre']], [['1', '2', '3']]), '| a | b | c |\n| --- | ---: | :-: |\n| 1 | 2 | 3 |');
    assert.equal(toCommands(['a\n```\nb']), '```sh\na ``` b\n```');
    assert.equal(toAttribute('https://a.example/?b=c&d="e"'), 'https://a.example/?b=c&amp;d=&quot;e&quot;');
  });

  it('says where something was left out', () => {
    assert.equal(shorten('abc', 3), 'abc');
    assert.equal(shorten('abc def', 5), 'abc…');
  });
});
