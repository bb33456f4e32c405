using System.Runtime.InteropServices;
using Offpeak.Kit.Json;

namespace Offpeak.Tests.Kit;

/// <summary>Memory of large bodies is used again, and never by two at once. One pool for the process: nothing else runs meanwhile.</summary>
[Collection("Large bodies")]
public class LargeBodiesTests
{
    [Fact]
    public void What_was_returned_is_used_again()
    {
        var first = LargeBodies.Copy(Of(1, LargeBodies.Threshold));
        var array = ArrayOf(first);
        LargeBodies.Return(first);

        var second = LargeBodies.Copy(Of(2, LargeBodies.Threshold + 1));

        Assert.Same(array, ArrayOf(second));
        Assert.Equal(Of(2, LargeBodies.Threshold + 1), second.ToArray());
        LargeBodies.Return(second);
    }

    [Fact]
    public void What_was_returned_twice_goes_to_one()
    {
        var body = LargeBodies.Copy(Of(1, LargeBodies.Threshold));
        LargeBodies.Return(body);
        LargeBodies.Return(body);

        var (one, other) = (LargeBodies.Copy(Of(2, LargeBodies.Threshold)), LargeBodies.Copy(Of(3, LargeBodies.Threshold)));

        Assert.NotSame(ArrayOf(one), ArrayOf(other));
        Assert.Equal(Of(2, LargeBodies.Threshold), one.ToArray());
        Assert.Equal(Of(3, LargeBodies.Threshold), other.ToArray());
        LargeBodies.Return(one);
        LargeBodies.Return(other);
    }

    [Fact]
    public void What_is_not_from_here_is_left_to_its_owner()
    {
        var foreign = Of(1, LargeBodies.Threshold);
        LargeBodies.Return(foreign);
        Assert.NotSame(foreign, ArrayOf(LargeBodies.Copy(Of(2, LargeBodies.Threshold))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(LargeBodies.Threshold - 1)]
    public void A_small_body_has_an_array_of_its_own_size(int length)
    {
        var body = LargeBodies.Copy(Of(1, length));
        Assert.Equal(length, ArrayOf(body).Length);
        LargeBodies.Return(body);
    }

    [Fact]
    public void A_small_body_does_not_take_the_memory_of_a_huge_one()
    {
        var huge = LargeBodies.Room(40 * LargeBodies.Threshold);
        var array = ArrayOf(huge);
        LargeBodies.Return(huge);
        Assert.NotSame(array, ArrayOf(LargeBodies.Room(LargeBodies.Threshold)));
    }

    private static byte[] Of(byte value, int length) => [.. Enumerable.Repeat(value, length)];

    private static byte[] ArrayOf(ReadOnlyMemory<byte> memory)
    {
        Assert.True(MemoryMarshal.TryGetArray(memory, out var segment));
        return segment.Array!;
    }
}

/// <summary>Tests that look into the process's pool of large bodies.</summary>
[CollectionDefinition("Large bodies", DisableParallelization = true)]
public class LargeBodiesDefinition;
