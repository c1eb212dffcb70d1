/** What `npm run places` does with several servers: docs/operations/places.md. */
import { HOME } from '../domain/place.js';
import { addServer } from '../store/servers/add-server.js';
import { dropLeft } from '../store/servers/left-copies.js';
import { moveBack } from '../store/servers/move-back.js';
import { movePlace, type PlaceMoved } from '../store/servers/move-place.js';
import type { PlaceAt } from '../store/servers/place-map.js';
import { type Installation, named } from '../store/servers/server-sessions.js';
import type { ServerStatus, Status } from '../store/servers/servers-status.js';

type ServerAction = (installation: Installation) => Promise<void>;

const NUMBER = /^\d{1,4}$/;

/** What the arguments say is to be done with servers; null if they are about something else, or wrong. */
export function serverActionOf(args: readonly string[]): ServerAction | null {
  const [action, first, second, ...more] = args;
  if (more.length > 0) return null;
  if (action === 'add-server' && first !== undefined && second === undefined) return added(first);
  if (action === 'drop-left' && second === undefined) return dropped(first ?? null);
  if (first === undefined || !NUMBER.test(first)) return null;
  if (action === 'move' && second !== undefined) return moved(Number(first), second);
  if (action === 'back' && second === undefined) return back(Number(first));
  return null;
}

const added =
  (name: string): ServerAction =>
  async (installation) => {
    const isNew = await addServer(installation, name);
    const state = isNew ? 'has been added' : 'was added before';
    installation.say(
      `The server ${name} ${state}, and has the catalogue. To move a place there: npm run places -- move NUMBER ${name}`,
    );
  };

const moved =
  (number: number, to: string): ServerAction =>
  async (installation) => {
    const { say } = installation;
    const onStep = (step: string | null) => {
      const sentence = step === null ? undefined : STEPS.get(step);
      if (sentence !== undefined) say(sentence);
    };
    const result = await movePlace({ ...installation, number, to, onStep });
    say(result.isMoved ? told(number, to, result) : `Place ${number} is on ${named(to)} already.`);
  };

const STEPS: ReadonlyMap<string, string> = new Map([
  ['COPY', 'The copy is being filled. Calls go on.'],
  ['CLOSE', 'The copy is nearly complete. Calls that write to the place wait for a moment.'],
]);

function told(number: number, to: string, { closedMs, notCompared }: PlaceMoved): string {
  const closed =
    closedMs === null ? '' : ` Calls that write waited for ${Math.ceil(closedMs)} ms at most.`;
  const left =
    ' What was there before is left on its server, closed, until npm run places -- drop-left.';
  const large =
    notCompared.length === 0
      ? ''
      : ` Too large to be compared while they are closed: ${notCompared.join(', ')}. Before you drop what is left, run npm run audit.`;
  return `Place ${number} is on ${named(to)}.${closed}${left}${large}`;
}

const back =
  (number: number): ServerAction =>
  async (installation) => {
    const { isBack } = await moveBack(installation, number);
    installation.say(
      isBack
        ? `The move of place ${number} was undone. The place is open where it was.`
        : `Place ${number} is not being moved.`,
    );
  };

const dropped =
  (server: string | null): ServerAction =>
  async (installation) => {
    const names = await dropLeft(installation, server);
    installation.say(
      names.length === 0 ? 'Moves have left nothing.' : `Dropped: ${names.join(', ')}.`,
    );
  };

/** What there is besides the places that never moved, in sentences. */
export function sentencesOf({ places, servers, problems }: Status): readonly string[] {
  if (servers.length === 1 && problems.length === 0) return [];
  return [...places.flatMap(sentencesOfMove), ...servers.map(sentenceOfServer), ...problems];
}

function sentencesOfMove({ number, move }: PlaceAt): string[] {
  if (move === null) return [];
  return [
    `Place ${number} is being moved to ${move.to} (${move.step}). To go on: npm run places -- move ${number} ${move.to}`,
  ];
}

function sentenceOfServer({ name, trouble, bytesBehind, left }: ServerStatus): string {
  const lag =
    bytesBehind === null ? '' : ` Its catalogue is ${bytesBehind} bytes of the log behind.`;
  const rest = left.length === 0 ? '' : ` Left by moves: ${left.join(', ')}.`;
  if (trouble !== null) return `Server ${name} cannot be examined: ${trouble}.${lag}`;
  return `Server ${name} answers${name === HOME ? ', and has the catalogue' : ''}.${lag}${rest}`;
}
