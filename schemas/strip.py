"""The measurements of one media: everything that later decisions need, so that nothing is decoded twice.

Four clocks: frames (every decoded frame), samples (about five frames a second), details (about one frame a second),
hops of sound. All times are microseconds from the first presented frame.
"""

from dataclasses import dataclass

from schemas.row import F32List, I64List

THUMB_HEIGHT, THUMB_WIDTH = 18, 32
CHROMA_HEIGHT, CHROMA_WIDTH = 9, 16
HOP_US = 10_000
VAD_HOP_US = 32_000
LOUDNESS_HOP_US = 100_000
CHANNEL_HOP_US = 1_000_000
SPECTRUM = 32  # parts of the spectrum of a picture's rows
PITCHES = 24  # bands of sound, 1 kHz wide
OVERLAY_HEIGHT, OVERLAY_WIDTH = 36, 64


@dataclass(frozen=True, slots=True)
class Strip:
    """One media measured. Lists of the same clock have the same length T (frames), S (samples) or H (hops)."""

    media_id: str
    end_us: int  # when the last frame stops being shown
    decode_errors: int  # packets of picture or sound that a decoder refused, and a container that breaks off
    # --- frames [T]
    pts_us: I64List  # strictly increasing; a frame that would not be later than the one before is not shown
    luma_mean: F32List  # 0..255, full range, of the 64x36 luma
    luma_std: F32List
    delta_hue: F32List  # mean absolute change to the frame before, 0..255, at 64x36; the first is 0
    delta_saturation: F32List  # all three: the components of PySceneDetect's ContentDetector
    delta_value: F32List
    thumbs: bytes  # uint8, C order: luma [T, 18, 32], then U [T, 9, 16], then V [T, 9, 16]; full range, as displayed
    # --- samples [S]
    sample_pts_us: I64List
    sharpness: F32List  # variance of the Laplacian of full-size luma (0..255) inside the picture
    motion_px_s: F32List  # mean length of the flow since the sample before, at 256 px short side; NaN: none before
    local_px_s: F32List  # the same without the camera's own motion; NaN here and below: none before, or no texture
    pan_x_px_s: F32List  # the camera's translation, right and down positive (the picture moves the other way)
    pan_y_px_s: F32List
    zoom_per_s: F32List  # ln(scale) per second: positive zooms in
    roll_deg_s: F32List  # the camera's, clockwise positive (the picture turns the other way)
    camera_fit: F32List  # share of the textured picture whose flow the camera model explains, 0..1
    border_top: F32List  # black border as a share of the height or width, 0..1; NaN: the whole picture is black
    border_bottom: F32List
    border_left: F32List
    border_right: F32List
    # --- sound; empty where there is none
    audio_start_us: int | None  # when the first audio sample is heard, relative to the first frame; None: no sound
    rms_db: F32List  # [H] dBFS of each 10 ms hop, all channels, floor -120
    flux: F32List  # [H] spectral flux (half-wave rectified, log magnitude), >= 0
    clipped: F32List  # [H] share of samples within 0.5 % of full scale
    speech: F32List  # one per 32 ms: probability of speech (Silero)
    k_power: F32List  # one per 100 ms: K-weighted power summed over channels (ITU-R BS.1770-4), for LUFS of any span
    # --- details [D]: about one frame a second, full-size luma inside the borders; NaN: nothing to measure it on
    detail_pts_us: I64List
    noise: F32List  # standard deviation of luma noise, 0..255, in the flattest parts
    combed: F32List  # share of pixels that lie between the teeth of two interlaced fields, 0..1
    blockiness: F32List  # steps at the edges of blocks of 8 columns to the steps beside them; 1: no blocks
    dark_share: F32List  # share of pixels below luma 16 (full range), 0..1
    bright_share: F32List  # share of pixels above 250
    row_spectrum: F32List  # [D * 32] dB: power of the rows' frequencies from 0 to Nyquist, 32 a detail
    overlay: bytes  # uint8 [36, 64] as displayed (upright: [64, 36]): how steady edges are, 0..255; empty: unknown
    # --- sound, one per second; empty where there is none
    pitch_db: F32List  # [24 * seconds] dBFS of 1 kHz bands, loudest parts of a second, floor -120; NaN: above Nyquist
    stereo_correlation: F32List  # of the first two channels, -1..1; NaN: fewer than two, or one of them is silent
    stereo_balance_db: F32List  # power of the first over that of the second; NaN: fewer than two, or both are silent
    # --- frames [T] again, by TransNetV2; empty where the recipe's scan.transitions does not ask, and of stills
    transition_peak: F32List  # probability that a frame is the last before a new shot, 0..1
    transition_span: F32List  # probability that a frame belongs to a transition, 0..1

    @property
    def id(self) -> str:
        return self.media_id
