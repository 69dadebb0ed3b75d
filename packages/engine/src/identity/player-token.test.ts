import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PlayerTokens, signPlayerToken } from './player-token.ts';

const key = new Uint8Array(32).fill(7);
const content = {
  hunt: { low: 1, high: -1 },
  team: { low: 2, high: 0x7fffffff },
  player: { low: -3, high: 4 },
  expiresAt: 2_000_000_999,
};

function tokensAt(now: number, cacheMaxTokens = 4) {
  const clock = { time: now, now: () => clock.time };
  return { clock, tokens: new PlayerTokens({ key, clock, cacheMaxTokens }) };
}

describe('player tokens', () => {
  it('say who somebody is, the second time from memory', () => {
    const { tokens } = tokensAt(0);
    const token = tokens.sign(content);
    assert.equal(token, signPlayerToken(key, content));
    assert.match(token, /^p1\.[A-Za-z0-9_-]{59}$/);
    const identity = tokens.verify(token);
    assert.deepEqual(identity, {
      ...content,
      expiresAt: 2_000_000_000,
      huntId: 'ffffffff00000001',
      teamId: '7fffffff00000002',
      playerId: '00000004fffffffd',
    });
    assert.equal(tokens.verify(token), identity);
  });

  it('expire, also when they are remembered', () => {
    const { tokens, clock } = tokensAt(1_999_999_999);
    const token = tokens.sign(content);
    tokens.verify(token);
    clock.time = 2_000_000_000;
    assert.throws(() => tokens.verify(token), { id: 'engine-token-expired' });
    assert.throws(() => tokensAt(2e12).tokens.verify(token), { id: 'engine-token-expired' });
  });

  it('of a hunt that closes in the next century end in 2106', () => {
    const { tokens } = tokensAt(0);
    const expiresAt = Date.parse('2199-12-31T00:00:00Z');
    const { expiresAt: until } = tokens.verify(tokens.sign({ ...content, expiresAt }));
    assert.equal(new Date(until).toISOString(), '2106-02-07T06:28:15.000Z');
  });

  it('are of one hunt', () => {
    const { tokens } = tokensAt(0);
    const token = tokens.sign(content);
    assert.equal(tokens.verify(token, content.hunt).huntId, 'ffffffff00000001');
    for (const hunt of [
      { low: 1, high: 0 },
      { low: 0, high: -1 },
    ]) {
      assert.throws(() => tokens.verify(token, hunt), { id: 'engine-token-foreign' });
    }
  });

  it('cannot be forged: every changed sign and every other key is refused', () => {
    const { tokens } = tokensAt(0);
    const token = tokens.sign(content);
    for (let at = 0; at < token.length; at++) {
      for (const sign of ['A', 'B', 'w', '.', '=', '+', '\u0000', '']) {
        if (token[at] === sign) continue;
        const forged = token.slice(0, at) + sign + token.slice(at + 1);
        assert.throws(() => tokens.verify(forged), { id: 'engine-token-invalid' });
      }
    }
    // Of the last sign only four bits are used; the three signs that differ in the others are no token.
    for (const sign of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
      const other = token.slice(0, -1) + sign;
      if (other === token) continue;
      assert.throws(() => tokens.verify(other), { id: 'engine-token-invalid' });
    }
    for (const other of ['', 'p1.', `${token}A`, `x${token}`, token.repeat(1000)]) {
      assert.throws(() => tokens.verify(other), { id: 'engine-token-invalid' });
    }
    const stranger = signPlayerToken(new Uint8Array(32).fill(8), content);
    assert.throws(() => tokens.verify(stranger), { id: 'engine-token-invalid' });
  });
});
