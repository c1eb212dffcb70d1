/** Why an operation is stopped. */
import { protocolError } from './errors.js';

export const RESULT_TOO_LARGE = () => protocolError('RESULT_TOO_LARGE');

/** One for all: every request ends, and creating an error with its stack takes longer than most of the stages. */
export const CLIENT_CLOSED_REQUEST = protocolError('CLIENT_CLOSED_REQUEST');

export const OPERATION_ENDED = protocolError('OPERATION_ENDED');
