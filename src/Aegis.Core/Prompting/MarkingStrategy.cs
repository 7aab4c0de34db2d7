namespace Aegis.Prompting;

/// <summary>How text from outside is marked, so that a model can tell it from instructions and the text itself cannot end the mark.</summary>
public enum MarkingStrategy
{
    /// <summary>A random private-use character that does not occur in the text stands before its words. Any model reads it, and any cut of the text can be undone.</summary>
    Datamarking,

    /// <summary>A tag with 128 random bits stands around the text. The cheapest in tokens.</summary>
    Delimiters,

    /// <summary>Base64 of its UTF-8, in a tag with 128 random bits. For models that decode it reliably.</summary>
    Encoding,

    /// <summary>A JSON string on one line, under a name with 128 random bits.</summary>
    Json,
}
