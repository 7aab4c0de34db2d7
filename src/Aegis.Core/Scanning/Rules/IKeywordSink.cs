namespace Aegis.Scanning.Rules;

/// <summary>Hears of keywords as they are found.</summary>
internal interface IKeywordSink
{
    /// <param name="keyword">Its number.</param>
    /// <param name="end">The position behind it.</param>
    void Found(int keyword, int end);
}
