namespace Aegis.Scanning;

/// <summary>A guard of answers that says how much of a stream it has read for good.</summary>
internal interface IOutputReader
{
    /// <summary>The position before which nothing that it finds can change any more.</summary>
    /// <param name="window">The text so far; everything before <see cref="OutputWindow.From"/> is settled.</param>
    /// <param name="isClean">Whether it finds nothing in what is settled; it may say no and find nothing after all.</param>
    int Settled(OutputWindow window, out bool isClean);

    /// <summary>Remembers what was judged, once.</summary>
    void Remember(OutputWindow window)
    {
    }

    /// <summary>The position of a text from which it must be kept, so that what follows is read as behind all of it.</summary>
    int ContextOf(string text);
}
