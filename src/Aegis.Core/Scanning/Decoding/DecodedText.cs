namespace Aegis.Scanning.Decoding;

/// <summary>What a part of a text spells, and where that part stands in the text that was scanned.</summary>
internal sealed class DecodedText
{
    private readonly DecodedText? _outer;
    private readonly TextRange _whole;
    private readonly TextRange[]? _places;

    private DecodedText(string text, string encoding, DecodedText? outer, TextRange whole, TextRange[]? places)
    {
        Text = text;
        Encoding = outer is null ? encoding : $"{outer.Encoding}, {encoding}";
        Depth = (outer?.Depth ?? 0) + 1;
        (_outer, _whole, _places) = (outer, whole, places);
    }

    public string Text { get; }

    /// <summary>The names of the encodings, the outermost first.</summary>
    public string Encoding { get; }

    /// <summary>How many encodings were taken off.</summary>
    public int Depth { get; }

    /// <summary>A text of which only the whole has a place.</summary>
    public static DecodedText Whole(string text, string encoding, DecodedText? outer, TextRange whole) => new(text, encoding, outer, whole, null);

    /// <summary>A text of which each character has its place.</summary>
    public static DecodedText Placed(string text, string encoding, DecodedText? outer, TextRange[] places) => new(text, encoding, outer, default, places);

    /// <summary>Where a part of it stands in the text that was scanned.</summary>
    public TextRange Locate(TextRange range)
    {
        var here = _places is null ? _whole : Span(_places.AsSpan(range.Start, range.End - range.Start));
        return _outer is null ? here : _outer.Locate(here);
    }

    private static TextRange Span(ReadOnlySpan<TextRange> places)
    {
        var (start, end) = (int.MaxValue, 0);
        foreach (var place in places)
        {
            (start, end) = (Math.Min(start, place.Start), Math.Max(end, place.End));   // a reversed text runs backwards
        }

        return new(start, end);
    }
}
