import { expect, it } from 'vitest';
import { METHOD_NUMBERS } from '../catalog/method-numbers.js';
import type { Frame } from '../frame/frame.js';
import { FrameWriter } from '../frame/frame-writer.js';
import { readFrame } from '../frame/read-frame.js';
import { eventDelivery, SharedEvent } from './shared-event.js';

it.each([
  ['from the log', { event: 'context.updated', cursor: '17', data: { id: 'c' }, timestamp: 't' }],
  ['passing', { event: 'tool.executed', data: { id: 'c' }, timestamp: 't' }],
])('an event %s is encoded once and delivered to each', (_name, params) => {
  const shared = new SharedEvent(params);
  const writer = new FrameWriter();
  for (const subscription_id of ['one', 'another']) {
    const bytes = writer.notification(1, METHOD_NUMBERS.event, { subscription_id, shared }, eventDelivery);
    const payload = (readFrame(bytes, 1000) as Frame).payload();
    expect(payload.params()).toEqual({ subscription_id, ...params });
    expect(payload.params(eventDelivery)?.shared.paramsText('x')).toBe(shared.paramsText('x'));
  }
});
