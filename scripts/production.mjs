/** Imported first by `npm start`: graphql-js checks every value twice unless it is told that this is production. */
process.env.NODE_ENV ??= 'production';
