"""Which rows are sure enough to be asked about, and how exact an answer must be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """`sure` is the score (0..1) below which a row is not asked about; times are in seconds."""

    sure: float = 0.5  # 0..1; what scores less is not asked about
    time_s: float = 0.5  # by which a time may be off
    text_time_s: float = 0.7  # texts are seen in sampled frames only
    word_time_s: float = 0.3  # by which the time of a word may be off
    apart_s: float = 0.8  # things that start nearer to each other have no order
    tempo_share: float = 0.04  # by which a tempo may be off
    pitch_share: float = 0.04  # by which a pitch may be off
    colour_share: float = 0.05  # of the picture; a smaller colour is not asked about
    lead: float = 0.05  # by which the widest colour must lead to be the dominant one
