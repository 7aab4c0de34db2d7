namespace Aegis.Scanning.Rules;

/// <summary>A keyword in a <see cref="ChainIndex"/>.</summary>
/// <param name="Length">Its characters.</param>
/// <param name="FirstMark">Where its marks begin; those of the next keyword stand behind them.</param>
/// <param name="FirstEnd">Where the chains begin that may end with it; those of the next keyword stand behind them.</param>
/// <param name="FirstRule">Where the rules begin of which it is a text; those of the next keyword stand behind them.</param>
internal readonly record struct KeywordPlace(int Length, int FirstMark, int FirstEnd, int FirstRule);
