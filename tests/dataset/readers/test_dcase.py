"""DCASE's few-shot tables: classes in columns, and what the annotators were not sure of."""

MANY = "Audiofilename,Starttime,Endtime,CLASS_1,CLASS_2\nrec.wav,0.5,1.5,POS,NEG\nrec.wav,2,3,NEG,POS\n"


def test_every_class_that_is_sure_is_read(rec):
    rec.text("rec.csv", MANY + "rec.wav,4,5,POS,POS\n")
    assert rec.entries() == [("CLASS_1", 0.5, 1.5), ("CLASS_2", 2, 3), ("CLASS_1", 4, 5), ("CLASS_2", 4, 5)]


def test_what_is_unsure_is_left_out_and_told(rec):
    rec.text("rec.csv", "Audiofilename,Starttime,Endtime,Q\nrec.wav,0.5,1.5,POS\nrec.wav,2,3,UNK\nrec.wav,4,5,UNK\n")
    assert rec.entries() == [("Q", 0.5, 1.5)]
    (told,) = rec.about("rec.csv")
    assert told.startswith("rec.csv, row 3: 2 rows with a class that is not sure (UNK)")


def test_predictions_are_dealt_to_their_recordings(rec):
    rec.audio("other.wav", 10, rate=1000)
    rec.text("pred.csv", "Audiofilename,Starttime,Endtime\nrec.wav,0.5,1.5\nother.wav, 2, 3\n")
    assert rec.entries("rec.wav") == [("call", 0.5, 1.5)]
    assert rec.entries("other.wav") == [("call", 2, 3)]


def test_another_word_in_a_class_is_told_with_its_row(rec):
    rec.text("rec.csv", MANY + "rec.wav,4,5,maybe,NEG\n")
    assert rec.errors()[0].startswith("rec.csv, row 4: has 'MAYBE' under 'CLASS_1', which is none of POS, NEG, UNK.")
