using Aegis.Answers;

namespace Aegis.Scanning;

/// <summary>Where a stream is read.</summary>
/// <param name="From">The position of the text before which everything is settled.</param>
/// <param name="Memory">What is remembered of the run's answers.</param>
/// <param name="Progress">How far it was compared with the instructions.</param>
internal readonly record struct OutputPlace(int From, AnswerMemory Memory, InstructionProgress Progress);
