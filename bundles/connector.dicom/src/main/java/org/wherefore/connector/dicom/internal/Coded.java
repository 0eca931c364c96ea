package org.wherefore.connector.dicom.internal;

/**
 * What a codec made of one frame.
 *
 * @param samples one array for each channel, row by row
 * @param bits that a sample was coded with
 * @param signed whether they were coded as signed numbers
 * @param mixed whether the codec knows that the channels are luminance and colour differences, which are still to be turned into
 *        red, green, blue
 */
record Coded(int[][] samples, int bits, boolean signed, boolean mixed) {}
