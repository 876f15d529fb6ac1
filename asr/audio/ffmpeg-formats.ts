/**
 * Formats that hold audio and cannot refer to another file. Not among them, because they can: playlists
 * (hls, dash, concat, sdp), image sequences, and avi, whose subtitles are opened as files of their own.
 */
export const FFMPEG_FORMATS =
  'aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,caf,eac3,flac,flv,gsm,matroska,mov,mp3,mpeg,mpegts,ogg,tta,voc,w64,wav,wv';

/**
 * ffmpeg resamples, so that only 64 kB cross the pipe for each second of a channel; all channels are kept.
 * Its default filter, which faster-whisper uses, is short and lets what is above 8 kHz fold below it: on
 * speech with sharp sibilants it differs from ours by 2 % of the power. With these settings it is ours, of
 * resample.ts (Kaiser window, 136 zero crossings, falling from 0.92 to 1), within −60 dB, so that a
 * recording is heard alike as WAV and as FLAC. Old (2018) and new versions take them.
 */
export const FFMPEG_RESAMPLING = 'aresample=16000:filter_size=136:cutoff=0.96';
