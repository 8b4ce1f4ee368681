// What keywords take, told apart from what they do not: a schema with a wrong argument is refused when it comes, not when it is used.
import type { Place } from './check.js';

export function numberOf(argument: unknown, keyword: string, place: Place): number {
  return typeof argument === 'number' && Number.isFinite(argument) ? argument : place.refuse('must be a number', keyword);
}

export function countOf(argument: unknown, keyword: string, place: Place): number {
  return Number.isInteger(argument) && (argument as number) >= 0
    ? (argument as number)
    : place.refuse('must be a whole number from 0 up', keyword);
}

export function listOf(argument: unknown, keyword: string, place: Place): readonly unknown[] {
  return Array.isArray(argument) ? (argument as unknown[]) : place.refuse('must be a list', keyword);
}

export function stringsOf(argument: unknown, keyword: string, place: Place): readonly string[] {
  const list = listOf(argument, keyword, place);
  return list.every((item) => typeof item === 'string') ? list : place.refuse('must be a list of strings', keyword);
}

export function membersOf(argument: unknown, keyword: string, place: Place): [string, unknown][] {
  return isRecord(argument) ? Object.entries(argument) : place.refuse('must be an object', keyword);
}

/** An object as JSON has it: not a list, not bytes. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
