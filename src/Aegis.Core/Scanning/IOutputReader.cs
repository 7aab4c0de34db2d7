namespace Aegis.Scanning;

/// <summary>A guard of answers that says how much of a stream it has read for good.</summary>
internal interface IOutputReader
{
    /// <summary>The lanes of an <see cref="OutputSieve"/> in which all stands that it looks for, one bit each; 0: it looks for other things.</summary>
    int Lanes => 0;

    /// <summary>The position before which nothing that it finds can change any more.</summary>
    /// <param name="text">The text so far.</param>
    /// <param name="place">Where it is read.</param>
    /// <param name="resume">Of the text, nothing before it can matter to what comes; gets how far that is now.</param>
    /// <param name="isClean">Whether it finds nothing in what is settled; it may say no and find nothing after all.</param>
    int Settled(ReadOnlySpan<char> text, OutputPlace place, ref int resume, out bool isClean);

    /// <summary>Where a text may be settled, at the latest at a position, so that nothing that was found begins before it and is taken out behind it.</summary>
    int Floor(ReadOnlySpan<char> text, int from, int settled) => settled;

    /// <summary>The position of a text from which it must be kept, so that what follows is read as behind all of it.</summary>
    int ContextOf(ReadOnlySpan<char> text);
}
