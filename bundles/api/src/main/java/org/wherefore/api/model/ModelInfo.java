package org.wherefore.api.model;

/** Which model answered. {@code digest} is {@code sha256:…} over its artifact. */
public record ModelInfo(String name, int version, String engine, String digest) {}
