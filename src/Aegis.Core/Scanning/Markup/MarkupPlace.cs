namespace Aegis.Scanning.Markup;

/// <summary>Where an address stands, and so what a reader's program does with it.</summary>
internal enum MarkupPlace
{
    /// <summary>In the text: it becomes a link.</summary>
    Text,

    /// <summary>Behind the text of a link, between angle brackets, or in a tag that links.</summary>
    Link,

    /// <summary>In a definition that links and images elsewhere may refer to.</summary>
    Definition,

    /// <summary>In an image, a tag or a style: it is fetched as soon as it is shown.</summary>
    Fetched,

    /// <summary>In a value of a tag that is too long to be read.</summary>
    TooLong,
}
