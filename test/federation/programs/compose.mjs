/**
 * Composes subgraphs: `node compose.mjs COMPOSER`, with `[{name, url, sdl}]` on stdin and, on stdout,
 * `{errors, hints, supergraph}`. Composers have their own copy of graphql, so they run in a process of
 * their own.
 */
import { text } from 'node:stream/consumers';
import * as apollo from '@apollo/composition';
import * as theGuild from '@theguild/federation-composition';
import * as wunderGraph from '@wundergraph/composition';
import { parse, print } from 'graphql';

const messages = (errors = []) => errors.map(({ message }) => message);

const COMPOSERS = {
  '@apollo/composition': (services) => {
    const { errors, hints, supergraphSdl } = apollo.composeServices(services);
    const told = hints?.map(({ definition, message }) => ({
      code: definition.code,
      level: definition.level.name,
      message,
    }));
    return { errors: messages(errors), hints: told ?? [], supergraph: supergraphSdl ?? null };
  },
  '@theguild/federation-composition': (services) => {
    const { errors, supergraphSdl } = theGuild.composeServices(services);
    return { errors: messages(errors), hints: [], supergraph: supergraphSdl ?? null };
  },
  '@wundergraph/composition': (services) => {
    const subgraphs = services.map(({ typeDefs, ...named }) => ({
      ...named,
      definitions: typeDefs,
    }));
    const version = wunderGraph.LATEST_ROUTER_COMPATIBILITY_VERSION;
    const composed = wunderGraph.federateSubgraphs({ subgraphs, version });
    const hints = composed.warnings.map(({ message }) => ({
      code: 'WARNING',
      level: 'WARN',
      message,
    }));
    const supergraph = composed.success ? print(composed.federatedGraphAST) : null;
    return { errors: composed.success ? [] : messages(composed.errors), hints, supergraph };
  },
};

const subgraphs = JSON.parse(await text(process.stdin));
const services = subgraphs.map(({ sdl, ...named }) => ({ ...named, typeDefs: parse(sdl) }));
const composed = COMPOSERS[process.argv[2]](services);
process.stdout.write(JSON.stringify(composed));
