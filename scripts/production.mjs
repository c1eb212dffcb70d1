/** Imported first by `npm start`: graphql-js checks every value twice unless it is told that this is production. */
import './node-version.js';

process.env.NODE_ENV ??= 'production';
