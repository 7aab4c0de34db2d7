namespace Aegis.ExtensionsAI;

/// <summary>A client, found by <c>GetService</c>, that runs functions by itself: the run must be around it.</summary>
internal interface IFunctionLoop
{
    /// <summary>Whether its messages can carry a question to people, and their answer.</summary>
    bool CanAsk { get; }
}
