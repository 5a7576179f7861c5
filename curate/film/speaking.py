"""One sentence by libespeak-ng, as a program of its own: the library keeps state, only a fresh process repeats itself.

Reads JSON, `{"text", "voice", "words_per_minute"}`; writes a line of JSON, `{"rate_hz", "words": [[text, sample]]}`,
then int16 samples. Exit code 3: not installed. Standard library only, so that it starts at once.
"""

import ctypes
import ctypes.util
import json
import sys

NOT_INSTALLED = 3
_WORD, _LIST_TERMINATED = 1, 0
_SYNCHRONOUS, _UTF8, _CHARACTERS = 2, 1, 1
_RATE, _WORD_GAP = 1, 7


class _EventId(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # of the word's first character, from 1
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),  # ms
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


def synthesise(
    library: ctypes.CDLL, text: str, voice: str, words_per_minute: int
) -> tuple[list[tuple[str, int]], bytes]:
    """Words with their first samples, and the sound."""
    parts: list[bytes] = []
    words: list[tuple[str, int]] = []

    def collect(samples: "ctypes._Pointer[ctypes.c_short]", count: int, events: "ctypes._Pointer[_Event]") -> int:
        if count > 0:
            parts.append(ctypes.string_at(samples, count * 2))
        k = 0
        while events[k].type != _LIST_TERMINATED:
            if events[k].type == _WORD:
                at = events[k].text_position - 1
                words.append((text[at : at + events[k].length].strip(".,?!"), events[k].sample))
            k += 1
        return 0

    callback = _Callback(collect)
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetVoiceByName(voice.encode())
    library.espeak_SetParameter(_RATE, words_per_minute, 0)
    library.espeak_SetParameter(_WORD_GAP, 3, 0)
    body = text.encode() + b"\0"
    library.espeak_Synth(body, ctypes.c_size_t(len(body)), 0, _CHARACTERS, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    return words, b"".join(parts)


def main() -> int:
    """Speak the sentence that is asked for."""
    name = ctypes.util.find_library("espeak-ng")
    if name is None:
        return NOT_INSTALLED
    library = ctypes.CDLL(name)
    rate_hz = library.espeak_Initialize(_SYNCHRONOUS, 0, None, 0)
    if rate_hz <= 0:
        return NOT_INSTALLED  # the library is there, its voices are not
    asked = json.load(sys.stdin)
    words, sound = synthesise(library, asked["text"], asked["voice"], asked["words_per_minute"])
    sys.stdout.buffer.write(json.dumps({"rate_hz": rate_hz, "words": words}).encode() + b"\n" + sound)
    return 0


if __name__ == "__main__":
    sys.exit(main())
