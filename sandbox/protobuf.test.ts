import { describe, expect, it } from 'vitest';
import { fromProtobuf } from './protobuf.ts';

/** A field of type string, bytes or message (protobuf encoding: tag, length, bytes); all of them are short here. */
const field = (number: number, bytes: Buffer | string) =>
  Buffer.concat([Buffer.from([(number << 3) | 2, Buffer.byteLength(bytes)]), Buffer.from(bytes)]);
const object = (apiVersion: string, kind: string, raw: Buffer) =>
  Buffer.concat([Buffer.from('k8s\0'), field(1, Buffer.concat([field(1, apiVersion), field(2, kind)])), field(2, raw)]);

describe('objects in Protobuf, as kubectl sends them', () => {
  it('are read', () => {
    const entry = field(2, Buffer.concat([field(1, 'key'), field(2, 'value')]));
    const raw = Buffer.concat([field(1, field(1, 'from-kubectl')), entry]);
    expect(fromProtobuf(object('v1', 'ConfigMap', raw))).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'from-kubectl' },
      data: { key: 'value' },
    });
    expect(fromProtobuf(object('v1', 'Secret', raw))).toMatchObject({ data: { key: 'dmFsdWU=' } });
    const spec = Buffer.concat([field(1, 'somebody'), Buffer.from([4 << 3, 0x90, 0x1c])]);
    const request = object('authentication.k8s.io/v1', 'TokenRequest', field(2, spec));
    expect(fromProtobuf(request)).toMatchObject({ spec: { audiences: ['somebody'], expirationSeconds: 3600 } });
  });

  it.each([
    ['nothing of Kubernetes', Buffer.from('nothing')],
    ['an envelope that is broken', Buffer.from('k8s\0\xff\xff', 'latin1')],
    ['a kind that nobody sends so', object('apps/v1', 'Deployment', Buffer.alloc(0))],
    ['an object that is broken', object('v1', 'ConfigMap', Buffer.from([0xff, 0xff]))],
  ])('are refused: %s', (_name, bytes) => {
    expect(() => fromProtobuf(bytes)).toThrow(expect.objectContaining({ code: 415 }));
  });
});
