namespace Aegis.Testing;

/// <summary>Cuts for the wire, which cannot carry half a surrogate pair.</summary>
internal sealed class TextCut
{
    private string _held = "";

    /// <summary>The text that can go out now; a trailing high surrogate waits for the next piece.</summary>
    public string Push(string piece)
    {
        var text = _held + piece;
        var whole = text is [.., var last] && char.IsHighSurrogate(last) ? text.Length - 1 : text.Length;
        _held = text[whole..];
        return text[..whole];
    }

    /// <summary>The pieces of a text that is there whole, about eight characters each.</summary>
    public static IEnumerable<string> Pieces(string text)
    {
        var cut = new TextCut();
        return text.Chunk(8).Select(chars => cut.Push(new(chars))).Where(piece => piece.Length > 0);
    }
}
