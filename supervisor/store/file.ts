/** Where the records lie, below the state folder. */
export const RECORDS_FILE = 'records.db';
