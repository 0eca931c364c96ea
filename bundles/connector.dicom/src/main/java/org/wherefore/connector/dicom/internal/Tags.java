package org.wherefore.connector.dicom.internal;

/** The elements that reading and writing images needs. Stateless. */
final class Tags {
    static final int META_LENGTH = 0x00020000;
    static final int TRANSFER_SYNTAX = 0x00020010;
    static final int SOP_CLASS = 0x00080016;
    static final int SOP_INSTANCE = 0x00080018;
    static final int MODALITY = 0x00080060;
    static final int PATIENT_SEX = 0x00100040;
    static final int PATIENT_AGE = 0x00101010;
    static final int SAMPLES_PER_PIXEL = 0x00280002;
    static final int PHOTOMETRIC = 0x00280004;
    static final int PLANAR = 0x00280006;
    static final int FRAMES = 0x00280008;
    static final int ROWS = 0x00280010;
    static final int COLUMNS = 0x00280011;
    static final int BITS_ALLOCATED = 0x00280100;
    static final int BITS_STORED = 0x00280101;
    static final int HIGH_BIT = 0x00280102;
    static final int PIXEL_REPRESENTATION = 0x00280103;
    static final int PIXEL_PADDING = 0x00280120;
    static final int BURNED_IN = 0x00280301;
    static final int WINDOW_CENTER = 0x00281050;
    static final int WINDOW_WIDTH = 0x00281051;
    static final int RESCALE_INTERCEPT = 0x00281052;
    static final int RESCALE_SLOPE = 0x00281053;
    static final int VOI_FUNCTION = 0x00281056;
    static final int RED_DESCRIPTOR = 0x00281101;
    static final int RED_TABLE = 0x00281201;
    static final int RED_SEGMENTED = 0x00281221;
    static final int MODALITY_LUT = 0x00283000;
    static final int WAVEFORMS = 0x54000100;
    static final int FLOAT_PIXELS = 0x7fe00008;
    static final int DOUBLE_PIXELS = 0x7fe00009;
    static final int PIXELS = 0x7fe00010;
    static final int RT_PLAN_LABEL = 0x300a0002;
    static final int ITEM = 0xfffee000;
    static final int ITEM_END = 0xfffee00d;
    static final int SEQUENCE_END = 0xfffee0dd;

    private Tags() {}

    static String text(int tag) {
        return String.format("(%04x,%04x)", tag >>> 16, tag & 0xffff);
    }
}
