/** Composes subgraphs, each of which tells its SDL, into a supergraph. */
import { composeServices } from '@theguild/federation-composition';
import { parse } from 'graphql';

export async function compose(subgraphs) {
  const services = await Promise.all(
    subgraphs.map(async ({ name, url, key }) => ({
      name,
      url,
      typeDefs: parse(await sdlOf(url, key)),
    })),
  );
  const { errors, supergraphSdl } = composeServices(services);
  if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join('\n'));
  return supergraphSdl;
}

async function sdlOf(url, key) {
  const request = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  };
  const response = await fetch(url, request).catch(({ cause }) => {
    throw new Error(`${url} cannot be reached (${cause?.code}). Is it running?`);
  });
  const { data, errors } = await response.json();
  if (!data?._service) throw new Error(`${url}: ${errors.map(({ message }) => message).join(' ')}`);
  return data._service.sdl;
}
