namespace Aegis.SemanticKernel;

/// <summary>What an item of a stream says.</summary>
/// <param name="Text">The text.</param>
/// <param name="Thought">What the model thinks aloud.</param>
/// <param name="Choice">Which of several answers it belongs to.</param>
internal readonly record struct StreamText(string Text, string Thought = "", int Choice = 0);
