/** The recorder with its file and its thread. */
import { VERSION } from '../contract/version.js';
import { closeRecording, openRecording } from '../recording/folder.js';
import { Recorder, type RecorderRooms } from '../recording/recorder.js';
import { recordingThread } from '../recording/thread.js';

export function makeRecorder(
  stateFolder: string,
  rooms: Pick<RecorderRooms, 'clock' | 'wallMs' | 'tell' | 'forgetRoutes'>,
): Recorder {
  return new Recorder({
    ...rooms,
    version: VERSION,
    openFile: (wallMs) => openRecording(stateFolder, wallMs),
    closeFile: closeRecording,
    startThread: recordingThread,
  });
}
