package org.wherefore.api.data;

/** How the text of a field is read. */
public enum FieldType { TEXT, NUMBER, /** seconds since the epoch, or an ISO-8601 instant or date */ TIME, /** several texts */ LIST }
